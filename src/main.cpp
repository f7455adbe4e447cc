// The one binary: dispatches to its parts.
int main() { return 0; }
