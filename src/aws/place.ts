/** Where AWS is; what is left out comes from the environment, as for any AWS tool. */
export interface AwsPlace {
  readonly region?: string;
  readonly endpoint?: string;
}

/** The place that options name: an SDK would take what is `undefined` for a value. */
export function placeOf({
  region,
  endpoint,
}: { readonly [Name in keyof AwsPlace]: AwsPlace[Name] | undefined }): AwsPlace {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
