/** Real training under the service: processes of a job, and what the topics say of it. */
@NullMarked
package io.foresplit.app.training;

import org.jspecify.annotations.NullMarked;
