package parse

// Fold is fold, for tests.
var Fold = fold
