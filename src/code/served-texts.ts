import module from "node:module";

const markedUrl = /[?&]lambdask=([0-9a-f]{32})$/;

/** Texts of code modules by hash, for the hooks. */
const texts = new Map<string, { readonly text: string; uses: number }>();
let hooked = false;

/** Until it is dropped, the module whose URL is marked with `hash` has this text. */
export function serveText(hash: string, text: string): void {
  if (!hooked) hook();
  hooked = true;
  const known = texts.get(hash);
  if (known) known.uses++;
  else texts.set(hash, { text, uses: 1 });
}

/** For a module that has been loaded. */
export function dropText(hash: string): void {
  const known = texts.get(hash);
  if (known && --known.uses === 0) texts.delete(hash);
}

/** The hooks serve captured code under the URL of the user's file, so that its imports resolve as they do there. */
function hook(): void {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      textAt(specifier) === undefined
        ? next(specifier, context)
        : { url: specifier, format: "module", shortCircuit: true },
    load: (url, context, next) => {
      const source = textAt(url);
      return source === undefined
        ? next(url, context)
        : { format: "module", source, shortCircuit: true };
    },
  });
}

function textAt(url: string): string | undefined {
  const hash = markedUrl.exec(url)?.[1];
  return hash === undefined ? undefined : texts.get(hash)?.text;
}
