/**
 * Questions about one incident, answered from what is recorded of it: {@link
 * io.foresplit.diagnoser.chat.Answerer} is the port, {@link
 * io.foresplit.diagnoser.chat.IncidentChat} answers a fixed set of questions without a language
 * model, and {@link io.foresplit.diagnoser.chat.LookUp}s are what anybody who answers may read.
 * Nothing here changes anything.
 */
@NullMarked
package io.foresplit.diagnoser.chat;

import org.jspecify.annotations.NullMarked;
