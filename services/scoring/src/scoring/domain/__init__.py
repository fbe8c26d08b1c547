"""What scoring decides: whose a touch is, how good a lead is, whether it is an MQL. Pure."""
