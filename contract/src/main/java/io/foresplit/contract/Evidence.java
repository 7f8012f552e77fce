package io.foresplit.contract;

/**
 * One bounded fact a diagnosis may cite.
 *
 * @param id such as {@code E3}, unique within a diagnosis
 * @param healthy typical value in the healthy window
 * @param current typical value now
 * @param score robust change score: deviations from the healthy median in units of its spread
 */
public record Evidence(
    String id, SeriesKey series, double healthy, double current, double score, String statement) {
  public Evidence {
    Names.require("evidence id", id);
  }
}
