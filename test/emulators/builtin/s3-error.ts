/** A refusal, as S3 words it. */
export class S3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The refusals that this server gives, each with its status and the words of its message. */
export const refusals = {
  noBucket: (): S3Error => new S3Error(404, "NoSuchBucket", "The specified bucket does not exist"),
  noKey: (): S3Error => new S3Error(404, "NoSuchKey", "The specified key does not exist."),
  noUpload: (): S3Error => new S3Error(404, "NoSuchUpload", "There is no such upload."),
  badPart: (why: string): S3Error => new S3Error(400, "InvalidPart", why),
  precondition: (): S3Error => new S3Error(412, "PreconditionFailed", "A precondition failed."),
  range: (): S3Error => new S3Error(416, "InvalidRange", "The range is not satisfiable"),
  digest: (what: string): S3Error => new S3Error(400, "BadDigest", `${what} is not the body's`),
  badRequest: (why: string): S3Error => new S3Error(400, "InvalidRequest", why),
  unsigned: (): S3Error => new S3Error(403, "AccessDenied", "The request is not signed"),
  unknown: (what: string): S3Error => new S3Error(501, "NotImplemented", `there is no ${what}`),
} as const;
