/** The version of this package, as its package.json has it: a program that is bundled into one file has no such file. */
export const packageVersion = "0.1.0";
