/** Embeddings of text in this process, through LangChain4j and ONNX Runtime. */
@NullMarked
package io.foresplit.diagnoser.llm.embedding;

import org.jspecify.annotations.NullMarked;
