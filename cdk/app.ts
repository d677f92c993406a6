/** What `npx cdk deploy` in a checkout runs; the package ships the same app for `lambdask deploy`. */
import "../src/cdk/app.ts";
