import type { AnyNode, Class, MethodDefinition, PropertyDefinition } from "acorn";

/** Something that the text of a class puts on the class itself or on its prototype. */
export interface ClassMember {
  readonly isStatic: boolean;
  /** Undefined for computed keys and static blocks. */
  readonly key: string | undefined;
  readonly text: string;
}

/** Private names that the text of a class gives. */
export interface PrivateNames {
  /** Methods of instances, which the inspector does not show. */
  readonly methods: readonly string[];
  /** Fields of the class itself, with their text. */
  readonly statics: ReadonlyMap<string, string>;
}

interface ClassBody {
  readonly members: readonly ClassMember[];
  readonly privateNames: PrivateNames | undefined;
  readonly runsAtOnce: boolean;
}

/** What there is of functions that are no classes. */
export const noClassBody: ClassBody = { members: [], privateNames: undefined, runsAtOnce: false };

/** What the body of the class `node` says; `text` is that of the class. */
export function classBody(text: string, node: Class): ClassBody {
  const members: ClassMember[] = [];
  const methods: string[] = [];
  const statics = new Map<string, string>();
  let hasPrivateNames = false;
  let runsAtOnce = false;
  for (const member of node.body.body) {
    const own = text.slice(member.start, member.end);
    if (member.type === "StaticBlock") {
      runsAtOnce = true;
      members.push({ isStatic: true, key: undefined, text: own });
      continue;
    }
    const isField = member.type === "PropertyDefinition";
    if (isField && member.static && member.value && !isInert(member.value)) runsAtOnce = true;
    if (member.key.type === "PrivateIdentifier") {
      hasPrivateNames = true;
      const name = `#${member.key.name}`;
      if (isField && member.static) statics.set(name, own);
      else if (!isField && !member.static) methods.push(name);
    } else if (!isField || member.static) {
      members.push({ isStatic: member.static, key: keyOf(member), text: own });
    }
  }
  return { members, runsAtOnce, privateNames: hasPrivateNames ? { methods, statics } : undefined };
}

/** Evaluating `node` runs none of the code in it. */
function isInert({ type }: AnyNode): boolean {
  return type === "Literal" || type === "ArrowFunctionExpression" || type === "FunctionExpression";
}

function keyOf({ key, computed }: MethodDefinition | PropertyDefinition): string | undefined {
  if (computed) return undefined;
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}
