package io.foresplit.contract;

/** How much a breach of an objective matters. */
public enum Severity {
  WARNING,
  CRITICAL
}
