"""The direct one and two detours."""

forbidden = {"config_lock", "log_lock", "disk_lock"}
