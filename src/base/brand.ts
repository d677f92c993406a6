/** A `Base` that only its own maker hands out, so that two ids of the same shape cannot be mixed up. */
export type Brand<Base, Name extends string> = Base & { readonly [brandKey]: Name };

declare const brandKey: unique symbol;
