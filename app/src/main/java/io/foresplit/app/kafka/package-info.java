/** The embedded broker, and the feed that shows the topics to people. */
@NullMarked
package io.foresplit.app.kafka;

import org.jspecify.annotations.NullMarked;
