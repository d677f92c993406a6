/** What compilers write for an export of a CommonJS module: reading a variable, and nothing else. */
const exportGetter =
  /^(get:?\s*)?(\(\)\s*=>\s*|function\s*[\w$]*\(\)\s*\{\s*return\s+)[\w$]+(\.[\w$]+|\[[\w$]+\])?\s*;?\s*\}?$/;

/** The value of an own property: data, or what a compiler's getter of an export reads. No getter of the user's runs. */
export function exportedValue(object: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(object, key);
  if (!descriptor) return undefined;
  if ("value" in descriptor) return descriptor.value;
  const { get } = descriptor;
  if (!get || !exportGetter.test(Function.prototype.toString.call(get))) return undefined;
  return Reflect.apply(get, object, []);
}
