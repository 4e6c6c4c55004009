"""The shared vocabulary: errors, types, schema, settings, outcomes. Imports nothing else of ours."""
