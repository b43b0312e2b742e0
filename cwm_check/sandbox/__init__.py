"""CPython in a WebAssembly component that can only ask and emit: the one place where checked code runs."""
