/** The reasoner on a language model through LangChain4j; nothing is called unless configured. */
@NullMarked
package io.foresplit.diagnoser.llm;

import org.jspecify.annotations.NullMarked;
