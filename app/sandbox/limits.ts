/** What the sandbox holds at most: it lives inside the application, so nothing in it grows without bound. */
export const limits = {
  /** Header and body of one command or message. */
  messageBytes: 8 * 1024 * 1024,
  headerBytes: 64 * 1024,
  clientNameLength: 256,
  /** WebSocket messages that may form one command; a composite part takes two. */
  partsPerCommand: 256,
  /** HTTP head of a preflight request. */
  httpHeadBytes: 16 * 1024,
  /** Waiting for one client; beyond it the client is a slow client and is disconnected. */
  queuedBytesPerClient: 64 * 1024 * 1024,
  connectionsPerListener: 2_000,
  subscriptionsPerClient: 1_000,
  logEntries: 10_000,
  logBytes: 32 * 1024 * 1024,
  sowRecords: 10_000,
  sowBytes: 32 * 1024 * 1024,
  queueMessages: 10_000,
  topics: 1_000,
  /** Names whose last sequence is remembered. */
  publishers: 10_000,
  /** Written to a replication peer and not yet taken by its socket. */
  replicationBytesInFlight: 1024 * 1024,
  persistedWaiters: 10_000,
} as const;
