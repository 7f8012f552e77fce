package io.foresplit.app;
