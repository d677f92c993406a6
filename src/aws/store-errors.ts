import type { ObjectBucket } from "../backend/object-bucket.ts";
import { LambdaskError } from "../base/errors.ts";
import { s3Problem } from "../sources/s3-errors.ts";

/** What no retry can cure, and what a person can do about it. */
const incurable: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  NoSuchBucket: {
    what: "there is no such bucket",
    fix: "check the stack's name and region, or deploy the stack again",
  },
  AccessDenied: {
    what: "no permission",
    fix: "give these credentials the stack's client policy",
  },
  InvalidAccessKeyId: { what: "the access key is unknown", fix: "check the credentials" },
  SignatureDoesNotMatch: { what: "the secret key is wrong", fix: "check the credentials" },
  ExpiredToken: { what: "the credentials have expired", fix: "sign in again" },
  CredentialsProviderError: {
    what: "there are no credentials",
    fix: "sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  },
  RegionMissing: { what: "no region is set", fix: "set AWS_REGION to the stack's region" },
  PermanentRedirect: { what: "the bucket is in another region", fix: "set the bucket's region" },
  EntityTooLarge: { what: "the object is too large", fix: "use smaller chunks" },
};

/** Runs `call` on the store's bucket; what no retry can cure becomes a STORE error. */
export async function onBucket<T>({ name }: ObjectBucket, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { code, status } = s3Problem(error);
    const known = incurable[code] ?? (status === 403 ? incurable["AccessDenied"] : undefined);
    if (known === undefined) throw error;
    throw new LambdaskError("STORE", {
      message: `store: ${known.what}: s3://${name}`,
      fix: known.fix,
      cause: error,
      data: { bucket: name, code },
    });
  }
}
