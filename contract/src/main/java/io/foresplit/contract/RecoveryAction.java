package io.foresplit.contract;

/** What recovery can do, a closed set. */
public sealed interface RecoveryAction {
  /** Name for people and files. */
  String kind();

  /** Re-split: move layers so that the job goes from one placement to another. */
  record MoveLayers(Placement from, Placement to) implements RecoveryAction {
    public MoveLayers {
      if (from.equals(to)) {
        throw new IllegalArgumentException("a move needs two different placements");
      }
    }

    @Override
    public String kind() {
      return "move-layers";
    }
  }

  /** Tell the operator, change nothing: moving layers would not help. */
  record NotifyOperator(String message) implements RecoveryAction {
    @Override
    public String kind() {
      return "notify-operator";
    }
  }
}
