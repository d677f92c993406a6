import type {
  AnyNode,
  ArrowFunctionExpression,
  Class,
  Function as FunctionNode,
  Pattern,
} from "acorn";
import { blockNames, childrenOf, declaredNames, hoistedNames, stringLiteral } from "./syntax.ts";

/** A name that a function uses and does not declare. Positions are offsets into the parsed text. */
export interface FreeVariable {
  readonly name: string;
  readonly at: number;
  /** Where the function assigns to it. */
  assignedAt: number | undefined;
  /** Only ever the operand of `typeof`, which does not throw for unknown names. */
  onlyTypeof: boolean;
  /** Used while the class itself is being defined: base class, computed key, static initialiser. */
  atDefinition: boolean;
  /** Every use, for replacing it in the canonical form. */
  readonly uses: number[];
}

/** A module that the function loads while it runs. */
interface LoadedModule {
  /** Undefined if the name is computed. */
  readonly specifier: string | undefined;
  readonly at: number;
  readonly end: number;
}

/** What a function takes from its surroundings. */
export interface FreeVariables {
  readonly variables: Map<string, FreeVariable>;
  /** Offsets of what no scope shows. */
  readonly hidden: Map<HiddenKind, number>;
  readonly imports: LoadedModule[];
  readonly requires: LoadedModule[];
}

/** Uses that cannot be captured as variables. */
export type HiddenKind =
  | "this"
  | "arguments"
  | "new.target"
  | "super"
  | "eval"
  | "import.meta"
  | "private name";

class Scope {
  readonly names: Set<string> = new Set();
  readonly parent: Scope | undefined;
  constructor(parent?: Scope) {
    this.parent = parent;
  }
  has(name: string): boolean {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      if (scope.names.has(name)) return true;
    }
    return false;
  }
}

/** Where a node stands, as far as it matters for what is free. */
interface Place {
  readonly scope: Scope;
  /** `this`, `arguments` and `new.target` belong to a function inside the text. */
  readonly ownThis: boolean;
  readonly inMethod: boolean;
  /** Not inside any function of the text. */
  readonly top: boolean;
  readonly atDefinition: boolean;
  readonly privateNames: ReadonlySet<string>;
}

/** What the function, class or method `root` uses and does not declare. */
export function freeVariables(root: AnyNode): FreeVariables {
  const search = new Search();
  const place: Place = {
    scope: new Scope(),
    ownThis: false,
    inMethod: false,
    top: true,
    atDefinition: false,
    privateNames: new Set(),
  };
  search.visit(root, place);
  return search.found;
}

class Search {
  readonly found: FreeVariables = {
    variables: new Map(),
    hidden: new Map(),
    imports: [],
    requires: [],
  };

  visit(node: AnyNode | null | undefined, place: Place): void {
    if (!node) return;
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
    switch (node.type) {
      case "Identifier":
        this.use(node.name, node.start, place);
        return;
      case "PrivateIdentifier":
        if (!place.privateNames.has(node.name)) this.hide("private name", node.start);
        return;
      case "ThisExpression":
        if (!place.ownThis) this.hide("this", node.start);
        return;
      case "Super":
        if (!place.inMethod) this.hide("super", node.start);
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.hide("import.meta", node.start);
        else if (!place.ownThis) this.hide("new.target", node.start);
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.func(node, place);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        this.class(node, place);
        return;
      case "BreakStatement":
      case "ContinueStatement":
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        return;
      case "LabeledStatement":
        this.visit(node.body, place);
        return;
      default:
        if (!this.expression(node, place)) this.statement(node, place);
    }
  }

  /** Expressions whose parts are not all plain uses; false for every other node. */
  private expression(node: AnyNode, place: Place): boolean {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
    switch (node.type) {
      case "ImportExpression":
        this.found.imports.push(loadedModule(node.source));
        this.visit(node.source, place);
        this.visit(node.options, place);
        return true;
      case "CallExpression":
        if (node.callee.type === "Identifier") this.call(node.callee.name, node, place);
        return false;
      case "UnaryExpression":
        if (node.operator !== "typeof" || node.argument.type !== "Identifier") return false;
        this.use(node.argument.name, node.argument.start, place, "typeof");
        return true;
      case "MemberExpression":
        this.visit(node.object, place);
        if (node.computed || node.property.type === "PrivateIdentifier") {
          this.visit(node.property, place);
        }
        return true;
      case "Property":
        if (node.computed) this.visit(node.key, place);
        if (node.method || node.kind !== "init") {
          this.visit(node.value, { ...place, inMethod: true, top: false });
        } else this.visit(node.value, place);
        return true;
      case "AssignmentExpression":
        this.pattern(node.left, place, true);
        if (node.left.type === "Identifier" && node.operator !== "=") this.visit(node.left, place);
        this.visit(node.right, place);
        return true;
      case "UpdateExpression":
        if (node.argument.type !== "Identifier") return false;
        this.use(node.argument.name, node.argument.start, place, "assign");
        return true;
      default:
        return false;
    }
  }

  private statement(node: AnyNode, place: Place): void {
    const inner = { ...place, scope: new Scope(place.scope) };
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
    switch (node.type) {
      case "BlockStatement":
        this.block(node.body, inner);
        return;
      case "SwitchStatement":
        this.visit(node.discriminant, place);
        for (const one of node.cases) blockNames(one.consequent, inner.scope.names);
        for (const one of node.cases) {
          this.visit(one.test, inner);
          for (const statement of one.consequent) this.visit(statement, inner);
        }
        return;
      case "ForStatement":
        if (node.init?.type === "VariableDeclaration") blockNames([node.init], inner.scope.names);
        break;
      case "ForInStatement":
      case "ForOfStatement":
        if (node.left.type !== "VariableDeclaration") {
          this.pattern(node.left, place, true);
          this.visit(node.right, place);
          this.visit(node.body, place);
          return;
        }
        blockNames([node.left], inner.scope.names);
        break;
      case "CatchClause":
        declaredNames(node.param, inner.scope.names);
        this.pattern(node.param, inner, false);
        this.visit(node.body, inner);
        return;
      case "VariableDeclaration":
        for (const declarator of node.declarations) {
          this.pattern(declarator.id, place, false);
          this.visit(declarator.init, place);
        }
        return;
      default:
        break;
    }
    for (const child of childrenOf(node)) this.visit(child, inner);
  }

  private block(statements: readonly AnyNode[], place: Place): void {
    blockNames(statements, place.scope.names);
    for (const statement of statements) this.visit(statement, place);
  }

  /** Parameters and body have a scope each: a default value does not see the body's variables. */
  private func(node: FunctionNode | ArrowFunctionExpression, place: Place): void {
    const own = new Scope(place.scope);
    if (node.type === "FunctionExpression" && node.id) own.names.add(node.id.name);
    const parameters = new Scope(own);
    for (const parameter of node.params) declaredNames(parameter, parameters.names);
    const arrow = node.type === "ArrowFunctionExpression";
    const inside: Place = {
      ...place,
      scope: parameters,
      ownThis: place.ownThis || !arrow,
      top: false,
      atDefinition: false,
    };
    for (const parameter of node.params) this.pattern(parameter, inside, false);
    const body = { ...inside, scope: new Scope(parameters) };
    if (node.body.type !== "BlockStatement") {
      this.visit(node.body, body);
      return;
    }
    hoistedNames(node.body, body.scope.names);
    this.block(node.body.body, body);
  }

  private class(node: Class, place: Place): void {
    const scope = new Scope(place.scope);
    if (node.id) scope.names.add(node.id.name);
    const privateNames = new Set(place.privateNames);
    for (const member of node.body.body) {
      if ("key" in member && member.key.type === "PrivateIdentifier") {
        privateNames.add(member.key.name);
      }
    }
    const atDefinition = place.top || place.atDefinition;
    const here = { ...place, scope, privateNames };
    this.visit(node.superClass, { ...here, atDefinition });
    const inside = { ...here, ownThis: true, inMethod: true, top: false };
    for (const member of node.body.body) {
      if (member.type === "StaticBlock") {
        const block = new Scope(scope);
        for (const statement of member.body) hoistedNames(statement, block.names);
        this.block(member.body, { ...inside, scope: block, atDefinition });
        continue;
      }
      if (member.computed) this.visit(member.key, { ...here, atDefinition });
      const value = { ...inside, atDefinition: member.static && atDefinition };
      this.visit(member.value, member.type === "MethodDefinition" ? inside : value);
    }
  }

  /** The defaults and computed keys of `pattern`; its names too if it is the target of an assignment. */
  private pattern(pattern: Pattern | null | undefined, place: Place, assigned: boolean): void {
    if (!pattern) return;
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
    switch (pattern.type) {
      case "Identifier":
        if (assigned) this.use(pattern.name, pattern.start, place, "assign");
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") this.pattern(property.argument, place, assigned);
          else {
            if (property.computed) this.visit(property.key, place);
            this.pattern(property.value, place, assigned);
          }
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) this.pattern(element, place, assigned);
        return;
      case "AssignmentPattern":
        this.pattern(pattern.left, place, assigned);
        this.visit(pattern.right, place);
        return;
      case "RestElement":
        this.pattern(pattern.argument, place, assigned);
        return;
      default:
        this.visit(pattern, place);
        return;
    }
  }

  private call(callee: string, node: AnyNode & { type: "CallExpression" }, place: Place): void {
    if (place.scope.has(callee)) return;
    if (callee === "eval") this.hide("eval", node.start);
    const argument = node.arguments[0];
    if (callee === "require" && argument) this.found.requires.push(loadedModule(argument));
  }

  private use(name: string, at: number, place: Place, how?: "assign" | "typeof"): void {
    if (place.scope.has(name)) return;
    if (name === "arguments") {
      if (!place.ownThis) this.hide("arguments", at);
      return;
    }
    let variable = this.found.variables.get(name);
    if (!variable) {
      variable = {
        name,
        at,
        assignedAt: undefined,
        onlyTypeof: true,
        atDefinition: false,
        uses: [],
      };
      this.found.variables.set(name, variable);
    }
    variable.uses.push(at);
    if (how === "assign") variable.assignedAt ??= at;
    if (how !== "typeof") variable.onlyTypeof = false;
    if (place.atDefinition) variable.atDefinition = true;
  }

  private hide(kind: HiddenKind, at: number): void {
    if (!this.found.hidden.has(kind)) this.found.hidden.set(kind, at);
  }
}

function loadedModule(source: AnyNode): LoadedModule {
  return { specifier: stringLiteral(source), at: source.start, end: source.end };
}
