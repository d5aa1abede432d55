"""Long runs that show what short ones cannot: killed a thousand times, ten thousand pages (``make soak``)."""
