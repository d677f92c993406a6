import type { AnyNode, Class, MethodDefinition, PropertyDefinition } from "acorn";

/** Something that the text of a class puts on the class itself or on its prototype. */
export interface ClassMember {
  readonly isStatic: boolean;
  /** Undefined for computed keys and static blocks. */
  readonly key: string | undefined;
  readonly text: string;
}

/** Which private names the text of a class gives to instances. */
export interface PrivateNames {
  /** The inspector shows fields, but not methods. */
  readonly methods: readonly string[];
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
      if (!isField && !member.static) methods.push(`#${member.key.name}`);
    } else if (!isField || member.static) {
      members.push({ isStatic: member.static, key: keyOf(member), text: own });
    }
  }
  return { members, runsAtOnce, privateNames: hasPrivateNames ? { methods } : undefined };
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
