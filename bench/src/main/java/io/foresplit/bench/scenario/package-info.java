/**
 * What happens in a run, and what is true of it: topologies, faults, hard normal behaviour, suites.
 */
@NullMarked
package io.foresplit.bench.scenario;

import org.jspecify.annotations.NullMarked;
