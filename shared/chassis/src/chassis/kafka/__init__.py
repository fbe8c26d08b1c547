"""Kafka: connections, lanes of keys, topics, the assignor. Only chassis imports aiokafka."""
