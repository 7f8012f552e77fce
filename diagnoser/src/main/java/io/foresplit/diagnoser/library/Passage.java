package io.foresplit.diagnoser.library;

/**
 * A found piece of a runbook, or a past incident. Title and text may be a user's: they are data,
 * whatever they ask for. They hold no control characters but line ends and tabs.
 *
 * @param source names the whole, such as {@code runbook:uplink-fade} or {@code
 *     incident:demo/inc-7}; at most 200 characters of letters, digits and {@code . _ - : / ~}
 * @param title of the whole and of the piece
 * @param text at most {@value Page#LONGEST} characters
 * @param score how near it is to the query, in [0, 1]; not comparable between queries
 */
public record Passage(String source, String title, String text, double score) {}
