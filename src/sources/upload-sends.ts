import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Pacer } from "./pacer.ts";
import { mayHaveHappened } from "./s3-errors.ts";

/** What an upload sends, and what ends it. */
interface UploadUnderWay {
  readonly body: Readable;
  readonly signal: AbortSignal | undefined;
}

/**
 * The requests of one upload: each is paced and tried again alone, so that a part refused or lost does not end the
 * stream it is of. The library sends every request of an upload through a client's `send`; `client` is that client.
 */
export class UploadSends {
  readonly client: S3Client;
  /** True if the request that makes the object may have been carried out without an answer. */
  isUnclear = false;

  constructor(client: S3Client, pacer: Pacer, { body, signal }: UploadUnderWay) {
    const send = async (command: Parameters<S3Client["send"]>[0]): Promise<unknown> => {
      const makes =
        command instanceof PutObjectCommand || command instanceof CompleteMultipartUploadCommand;
      // Cleaning up goes on after a signal.
      const ends = command instanceof AbortMultipartUploadCommand;
      const stop = ends ? undefined : signal;
      try {
        return await pacer.run(async () => {
          try {
            return await client.send(command, until(stop));
          } catch (error) {
            if (makes) this.isUnclear ||= mayHaveHappened(error);
            throw error;
          }
        }, stop);
      } catch (error) {
        // Nothing more is taken from the stream for an upload that cannot end well.
        if (!ends) body.destroy(error instanceof Error ? error : undefined);
        throw error;
      }
    };
    // The client itself but for `send`: what is made from a prototype has its type.
    this.client = Object.create(client, { send: { value: send } }) as S3Client;
  }
}

/** The option that lets a signal end a request. */
export function until(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
