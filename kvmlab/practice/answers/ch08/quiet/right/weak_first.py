"""The weak way is there first."""

order = ["looks_at_tea", "looks_for_milk", "pours", "whitens", "warms", "brews"]
