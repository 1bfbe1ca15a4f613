"""The circle is ready but for one dependency."""

order = ["weighs", "stores", "labels", "returns", "packs"]
