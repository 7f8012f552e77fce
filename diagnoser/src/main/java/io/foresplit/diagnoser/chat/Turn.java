package io.foresplit.diagnoser.chat;

/** A question of a conversation and what was answered, as plain text. */
public record Turn(String question, String answer) {}
