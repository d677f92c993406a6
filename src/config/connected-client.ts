/** A client as `setUpClient` gets it. The room of clients, which this one does not know, adds what else it can do. */
export interface ConnectedClient {
  /** Ends it. */
  close(): Promise<void>;
}
