import { EventEmitter } from "node:events";
import { type CaseFunction, CaseList, type MatrixCase } from "./case.ts";
import { Sub, Thing } from "./helper.ts";

const list = new CaseList();

/** Classes, instances and objects with methods. */
export const classCases: readonly MatrixCase[] = list.cases;

class Point {
  static made = 5;
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  length(): number {
    return Math.hypot(this.x, this.y);
  }
  get sum(): number {
    return this.x + this.y;
  }
  static of(a: number): Point {
    return new Point(a, a);
  }
}
class Point3 extends Point {
  z: number;
  constructor(x: number, y: number, z: number) {
    super(x, y);
    this.z = z;
  }
  override length(): number {
    return super.length() + this.z;
  }
}
class Secret {
  #secret = 42;
  read(): number {
    return this.#secret;
  }
}
class MyError extends Error {
  readonly code: string = "E_MY";
  constructor(message: string) {
    super(message);
    this.name = "MyError";
  }
}
class Emitting extends EventEmitter {
  v = 4;
  go(): number {
    let heard = 0;
    this.on("x", (q: number) => {
      heard = q;
    });
    this.emit("x", this.v);
    return heard;
  }
}
class Model {
  scale = 5;
  arrowTask(): CaseFunction {
    return (x: number) => x * this.scale;
  }
  fixedTask(): CaseFunction {
    const { scale } = this;
    return (x: number) => x * scale;
  }
}
interface Old {
  v: number;
  double(): number;
}
const OldStyle = function (this: Old, v: number): void {
  this.v = v;
} as unknown as new (
  v: number,
) => Old;
OldStyle.prototype.double = function (this: Old): number {
  return this.v * 2;
};

list.works(
  "class used inside",
  () => (a: number) => new Point(a, 4).length() + Point.of(1).sum + Point.made,
  [3],
);
list.works(
  "class inheritance",
  () => (a: number) => {
    const p = new Point3(a, 4, 1);
    return [p.length(), p instanceof Point, p instanceof Point3];
  },
  [3],
);
list.works("class with private fields, made inside", () => () => new Secret().read());
list.works("class as value", () => () => [
  Point.name,
  Point3.name,
  new Point3(1, 2, 3).constructor === Point3,
]);
list.works("instance with methods", () => {
  const p = new Point3(3, 4, 5);
  return () => [p.length(), p.sum, p instanceof Point3];
});
list.works("instance and class stay one", () => {
  const p = new Point(1, 1);
  return () => p instanceof Point && Object.getPrototypeOf(p) === Point.prototype;
});
list.refused(
  "instance with private fields",
  () => {
    const p = new Secret();
    return () => p.read();
  },
  /private fields \(#secret\)[\s\S]*fix: give Secret static methods \[Symbol\.for\("lambdask\.pack"\)\]/,
);
list.works("instance of a subclass of EventEmitter", () => {
  const e = new Emitting();
  return () => e.go();
});
list.works("instance of imported local class", () => {
  const t = new Thing(7);
  return () => [t.get(), t instanceof Thing];
});
list.works("instance of imported subclass", () => {
  const t = new Sub(7);
  return () => [t.get(), t instanceof Sub, t instanceof Thing];
});
list.works("object with methods", () => {
  const o = {
    k: 2,
    m(x: number): number {
      return x * this.k;
    },
    get g(): number {
      return this.k + 1;
    },
    [`c${1}`](x: number): number {
      return x;
    },
    *[Symbol.iterator]() {
      yield 1;
      yield 2;
    },
  };
  return (x: number) => [o.m(x), o.g, Reflect.get(o, "c1")(5), [...o]];
}, [4]);
list.refused(
  "arrow using this of its surroundings",
  () => new Model().arrowTask(),
  /uses `this` of the place where it is written[\s\S]*classes\.m?[jt]s:\d+:\d+[\s\S]*const \{ scale \} = this/,
);
list.works("copied out of this", () => new Model().fixedTask(), [2]);
list.works("old-style constructor", () => (x: number) => new OldStyle(x).double(), [4]);
list.works("old-style instance", () => {
  const o = new OldStyle(6);
  return () => o.double();
});
list.works("errors and own error classes", () => {
  const e = new RangeError("r", { cause: "why" });
  const m = new MyError("mine");
  return () => [
    e.message,
    e instanceof RangeError,
    e.cause,
    m.code,
    m instanceof MyError,
    m instanceof Error,
    m.name,
  ];
});
list.works("object and closure that hold each other", () => {
  const service = { base: 2, run: (x: number): number => service.base * x };
  return (x: number) => service.run(x);
}, [4]);
