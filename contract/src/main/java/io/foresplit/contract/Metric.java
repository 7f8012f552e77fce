package io.foresplit.contract;

/**
 * The closed set of metrics a node reports, each a mean over one report interval unless said
 * otherwise. Numbers are wire values: never reuse one.
 */
public enum Metric {
  /** Forward compute of the segment, seconds per step. Component: node. */
  FORWARD_SECONDS(1, "s", 0, 3600),
  /** Backward compute and optimiser of the segment, seconds per step. Component: node. */
  BACKWARD_SECONDS(2, "s", 0, 3600),
  /** Time the segment waits for input of a step, seconds per step. Component: node. */
  QUEUE_WAIT_SECONDS(3, "s", 0, 3600),
  /** Measured compute time over the declared one, 1 = as declared. Component: node. */
  SLOWDOWN(4, "ratio", 0, 1e6),
  /** One message on the link, send to acknowledgement, seconds. Component: link. */
  TRANSFER_SECONDS(5, "s", 0, 3600),
  /** Bytes sent in the interval. Component: link. */
  TRANSFER_BYTES(6, "bytes", 0, 1e15),
  /** Rate the link gives while it sends, bytes per second. Component: link. */
  LINK_RATE(7, "bytes/s", 0, 1e13),
  /** One-way delay of a small probe, seconds. Component: link. */
  LINK_DELAY_SECONDS(8, "s", 0, 3600),
  /** CPU time of the process over wall time, in cores. Component: node. */
  CPU_SHARE(9, "cores", 0, 4096),
  /** Java heap in use. Component: node. */
  HEAP_BYTES(10, "bytes", 0, 1e15),
  /** Resident memory of the process less the heap committed. Component: node. */
  NATIVE_BYTES(11, "bytes", 0, 1e15),
  /** Training loss, mean over the steps of the interval. Component: job. */
  LOSS(12, "nats", 0, 3.5e38),
  /** L2 norm of the segment's parameter gradient. Component: node. */
  GRADIENT_NORM(13, "1", 0, 3.5e38),
  /** Mean of the segment's output activations over a batch. Component: node. */
  ACTIVATION_MEAN(14, "1", -3.5e38, 3.5e38),
  /** Variance of the segment's output activations over a batch. Component: node. */
  ACTIVATION_VARIANCE(15, "1", 0, 3.5e38),
  /** A whole training step, seconds. Component: job. */
  STEP_SECONDS(16, "s", 0, 3600),
  /** Steps finished per second. Component: job. */
  STEPS_PER_SECOND(17, "1/s", 0, 1e6),
  /** Mean of the values of a batch as it enters the first layer. Component: the data owner. */
  INPUT_MEAN(18, "1", -3.5e38, 3.5e38),
  /** Variance of the values of a batch as it enters the first layer. Component: the data owner. */
  INPUT_VARIANCE(19, "1", 0, 3.5e38);

  private final int number;
  private final String unit;
  private final double min;
  private final double max;

  Metric(int number, String unit, double min, double max) {
    this.number = number;
    this.unit = unit;
    this.min = min;
    this.max = max;
  }

  /** The wire number. */
  public int number() {
    return number;
  }

  public String unit() {
    return unit;
  }

  /** Whether a value is finite and physically possible. */
  public boolean accepts(double value) {
    return value >= min && value <= max;
  }

  /** What {@link #accepts} allows, for error messages. */
  public String range() {
    return "[" + min + ", " + max + "] " + unit;
  }

  /** Positive quantities that change by factors, forecast and compared on a logarithmic scale. */
  public boolean isScale() {
    return this != ACTIVATION_MEAN && this != INPUT_MEAN && this != CPU_SHARE;
  }
}
