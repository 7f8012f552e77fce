package io.foresplit.app.view;

/** What goes on in a job, in one word for people. */
public enum Phase {
  /** No interval was closed yet. */
  WAITING,
  HEALTHY,
  /** An incident is open, no objective is breached. */
  AT_RISK,
  /** An objective is breached. */
  BREACHED,
  /** Layers are on their way. */
  MOVING,
  /** Layers have moved; whether it helped is being measured. */
  VERIFYING
}
