package io.foresplit.bench.evaluate;

/** One scenario could not be run; it says nothing of others. */
public final class ScenarioFailedException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason in one line, without the scenario's name
   */
  public ScenarioFailedException(String reason) {
    super(reason);
  }

  /**
   * @param reason in one line, without the scenario's name
   */
  public ScenarioFailedException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
