export const shared: Map<string, number> = new Map([["a", 1]]);
let calls = 0;
export function twice(x: number): number {
  calls++;
  return x * 2;
}
export function makeAdder(n: number): (x: number) => number {
  return (x) => x + n;
}
export const factorK: number = 11;
export function usesModuleVariable(x: number): number {
  return x * factorK;
}
export function callCount(): number {
  return calls;
}
export class Thing {
  readonly n: number;
  constructor(n: number) {
    this.n = n;
  }
  get(): number {
    return this.n;
  }
}
export class Sub extends Thing {
  override get(): number {
    return super.get() * 100;
  }
}
