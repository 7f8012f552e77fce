/** What an operator sets, from one YAML file and the environment, checked as a whole. */
@NullMarked
package io.foresplit.app.config;

import org.jspecify.annotations.NullMarked;
