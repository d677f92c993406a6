import { expectTypeOf, test } from "vitest";
import {
  type Client,
  config,
  connect,
  type SettingKey,
  type Settings,
  type SettingValue,
  withConfig,
} from "../../src/index.ts";

test("a setting has its own type, and may be undefined only without a default", () => {
  expectTypeOf(config.get("aws.stack")).toEqualTypeOf<string>();
  expectTypeOf(config.get("inline")).toEqualTypeOf<boolean>();
  expectTypeOf(config.get("memory")).toEqualTypeOf<number | string | undefined>();
  expectTypeOf(config.get("scale.min")).toEqualTypeOf<number | undefined>();
  expectTypeOf<SettingValue<"progress">>().toEqualTypeOf<
    "auto" | "tty" | "plain" | "json" | "none"
  >();
});

test("what sets up takes a client or nothing, and gives what it likes", () => {
  const hooks = {
    setUpWorker: async () => 5,
    setUpClient: (client) => client.subscribe("x", ({ data }) => console.log(data)),
  } satisfies Settings;
  expectTypeOf<Parameters<typeof hooks.setUpClient>[0]>().toExtend<Client>();
  expectTypeOf(config.get("setUpWorker")).toEqualTypeOf<(() => unknown) | undefined>();
  void connect({ setUpClient: (client) => expectTypeOf(client).toEqualTypeOf<Client>() });
  withConfig({ setUpClient: (client: Client) => client.scale(2) }, () => 1);
  // @ts-expect-error Nothing is passed to it in a worker.
  withConfig({ setUpWorker: (client: Client) => client.scale(2) }, () => 1);
  // @ts-expect-error A client has no such method.
  withConfig({ setUpClient: (client) => client.scael(2) }, () => 1);
  // @ts-expect-error Not a function.
  void connect({ setUpWorker: "warm" });
  // @ts-expect-error It is no group.
  config.get("setUpWorker.name");
});

test("names of settings are those of the record, groups with a dot", () => {
  expectTypeOf<"aws.endpoint">().toExtend<SettingKey>();
  expectTypeOf<"store">().toExtend<SettingKey>();
  expectTypeOf<"aws">().not.toExtend<SettingKey>();
  // @ts-expect-error There is no such setting.
  config.get("aws.stak");
  // @ts-expect-error A group is no setting.
  config.from("aws");
});

test("withConfig gives what its function gives, and takes settings of the right types", () => {
  expectTypeOf(withConfig({ store: "x" }, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(withConfig({}, async () => "a")).toEqualTypeOf<Promise<string>>();
  expectTypeOf(config.all()).toEqualTypeOf<Settings>();
  // @ts-expect-error Not a number.
  withConfig({ processes: "2" }, () => 1);
  // @ts-expect-error Groups are nested.
  withConfig({ "aws.stack": "x" }, () => 1);
  // @ts-expect-error No such mode.
  withConfig({ progress: "loud" }, () => 1);
});
