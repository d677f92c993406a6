export {
  type Moment,
  type PeopleOptions,
  type Person,
  people,
  type TimeseriesOptions,
  timeseries,
} from "./collections/datasets.ts";
