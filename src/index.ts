export { type CurrentTask, currentTask } from "./base/current-task.ts";
export { type ErrorCode, isLambdaskError, LambdaskError } from "./base/errors.ts";
export { logEvent } from "./base/log-event.ts";
export {
  asCompleted,
  type Completed,
  type CompletionOptions,
  type Completions,
} from "./client/as-completed.ts";
export type { Client } from "./client/client.ts";
export type { ClientInfo } from "./client/client-info.ts";
export { isLazy, type Lazy } from "./client/collection.ts";
export type { Computable } from "./client/computable.ts";
export {
  type Collected,
  type ComputeAllOptions,
  type ComputeInput,
  compute,
  persist,
} from "./client/compute.ts";
export type { ComputeOptions } from "./client/compute-options.ts";
export { type ConnectOptions, connect } from "./client/connect.ts";
export type { Lease } from "./client/coordination/lease.ts";
export type { AcquireOptions, Lock } from "./client/coordination/lock.ts";
export type { Variable } from "./client/coordination/variable.ts";
export { currentClient } from "./client/current-client.ts";
export { visualize } from "./client/explain.ts";
export { type ForgetOptions, fireAndForget } from "./client/fire-and-forget.ts";
export type { Future, FutureStatus } from "./client/future.ts";
export { futuresOf } from "./client/futures-of.ts";
export type { Gathered, GatheredSome, GatherOptions } from "./client/gather.ts";
export type { LazyStructure } from "./client/lazy-structure.ts";
export type { Computed, LazyInput, LazyInputs } from "./client/lazy-types.ts";
export type { BroadcastOptions, MapOptions } from "./client/map-options.ts";
export { optimize } from "./client/optimize.ts";
export type { PublishOptions } from "./client/published.ts";
export type { Scattered, ScatterOptions } from "./client/scatter.ts";
export { type FailedTask, TaskError } from "./client/task-error.ts";
export { type TokenizeOptions, tokenize } from "./client/tokenize.ts";
export type { Subscription, TopicEvent } from "./client/topics.ts";
export type { ValueOf } from "./client/value-of.ts";
export { type Waited, type WaitOptions, wait } from "./client/wait.ts";
export { explainFunction, type FunctionExplanation } from "./code/explain-function.ts";
export type { CapturedThing, ReferencedThing } from "./code/explain-things.ts";
export { type AnnotateOptions, annotate, currentAnnotations } from "./code/lazy/annotations.ts";
export { span } from "./code/lazy/span.ts";
export { type PerWorker, perWorker } from "./code/per-worker.ts";
export { recreate } from "./code/recreate.ts";
export { type Secret, secret } from "./code/secret.ts";
export { delayed } from "./collections/delayed.ts";
export type {
  Delayed,
  DelayedFunction,
  DelayedList,
  DelayedListFunction,
  DelayedMembers,
  DelayedMethods,
  DelayedOptions,
} from "./collections/delayed-types.ts";
export { bind } from "./collections/order/bind.ts";
export { checkpoint } from "./collections/order/checkpoint.ts";
export { clone } from "./collections/order/clone.ts";
export type { RemakeOptions } from "./collections/order/remake-options.ts";
export { type WaitedOn, waitOn } from "./collections/order/wait-on.ts";
export { type Config, config, withConfig } from "./config/config.ts";
export type { ProgressMode } from "./config/progress-mode.ts";
export type { Held } from "./config/resolve.ts";
export type { DefaultedKey, SettingKey, Settings, SettingValue } from "./config/settings.ts";
