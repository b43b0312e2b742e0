"""The changed functions of two texts of a module, and what surrounds them: definitions, names, effects, slices."""
