/**
 * A language model in a GGUF file, run by llama.cpp in a child process of low priority. A native
 * crash, a stall or a flood there costs an empty answer here.
 */
@NullMarked
package io.foresplit.diagnoser.llm.local;

import org.jspecify.annotations.NullMarked;
