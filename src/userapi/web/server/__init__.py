"""How requests come off the network and answers go onto it, whatever their clients do."""
