"""The lab: chains of model generations, measured, judged and explained."""
