import { badArgument, LambdaskError } from "../base/errors.ts";

/** A value that each process reads from its own environment: call it to get the text. */
export type Secret = () => string;

/** Under this key a handle keeps the name of its variable, for `capture`. */
export const secretKey: unique symbol = Symbol.for("lambdask.secret");

/**
 * The environment variable `name`, read where the handle is called: in the worker, if a task calls it. The value is
 * neither captured nor stored, and functions keep their identity when it changes.
 * @example
 * ```ts
 * const home = secret("HOME");
 * const isSet = delayed(() => home().length > 0);
 * console.log(await isSet().compute()); // → true
 * ```
 */
export function secret(name: string): Secret {
  if (typeof name !== "string" || name === "" || /[=\0]/.test(name)) {
    throw badArgument("secret", "the name of an environment variable", name);
  }
  return makeSecret(name);
}

/** The handle for a name that has been checked. */
export function makeSecret(name: string): Secret {
  const read = (): string => {
    const value = process.env[name];
    if (value !== undefined) return value;
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `secret: the environment variable ${name} is not set in this process`,
      fix: `set ${name} where the workers are started; local workers have the environment of the program`,
      data: { name },
    });
  };
  Object.defineProperty(read, secretKey, { value: name });
  return read;
}
