"""The console without a screen: asyncio yes, Qt no."""
